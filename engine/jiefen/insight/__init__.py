"""Figures and pages of a year of cases."""
