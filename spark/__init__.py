"""The marts on Apache Spark, for figures that outgrow one machine."""
