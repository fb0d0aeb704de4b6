"""Products, pipelines, stages and deals."""
