"""The protocols that ingest speaks, by the name a catalogue file gives them."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.protocol import SourceProtocol
from ingest.sources import (
    agency_drop,
    arcgis_features,
    bps_dynamic_data,
    bps_indicators,
    bps_simdasi,
    bps_static_table,
    cited_figures,
    ckan_resource,
    djpk_apbd,
    djpk_tkdd,
    json_paged,
    tables,
    world_bank,
)

PROTOCOLS: Mapping[str, SourceProtocol] = {
    "agency.drop": agency_drop,
    "arcgis.features": arcgis_features,
    "bps.dynamic_data": bps_dynamic_data,
    "bps.simdasi": bps_simdasi,
    "bps.static_table": bps_static_table,
    "bps.strategic_indicators": bps_indicators,
    "cited_figures": cited_figures,
    "ckan.resource": ckan_resource,
    "djpk.apbd": djpk_apbd,
    "djpk.tkdd": djpk_tkdd,
    "json.paged": json_paged,
    "table": tables,
    "world_bank.v2": world_bank,
}
