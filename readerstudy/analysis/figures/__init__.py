"""Figures of the results and of the planning, drawn by matplotlib from plain data."""
