"""The cascade's mathematics: deferral, calibration, shedding."""
