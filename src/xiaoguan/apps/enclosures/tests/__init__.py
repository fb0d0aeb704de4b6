"""Tests of files that come by zip."""
