"""Features, training, calibration, evaluation; never imported at run time."""
