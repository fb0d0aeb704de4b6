"""Role homes, dashboards and drill-down."""
