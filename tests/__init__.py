"""Tests of what crosses apps: floors, messages, the installed wheel, journeys in a browser."""
