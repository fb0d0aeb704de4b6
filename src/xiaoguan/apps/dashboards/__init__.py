"""Figures arranged for a look: the leaderboard, dashboards that people build, the wall screen."""
