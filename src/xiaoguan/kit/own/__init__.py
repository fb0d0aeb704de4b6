"""Own fields: definitions as data, values in a record's `extra`, columns like those a programmer declared."""
