"""Who changed, read and opened what; and the periodic review of who may."""
