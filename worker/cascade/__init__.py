"""The mathematics of the cascade: deferral, calibration and shedding."""
