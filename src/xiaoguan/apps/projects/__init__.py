"""Construction projects, who takes part in them, and who may work on which one."""
