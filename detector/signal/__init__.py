"""Array in, array out; only what two detectors share."""
