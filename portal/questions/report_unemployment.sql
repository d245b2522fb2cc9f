-- Headline rates of a region, its area and every region of that area, up to a day.
select * from unemployment
where is_headline
    and (region_code in ($region, $area) or parent_region_code = $area)
    and make_date(survey_year, survey_month, 1) <= $until
order by survey_year, survey_month, region_code
