"""Files of tweets, read strictly: CSV and its kin, JSON, Parquet, also in .gz and .zip."""
