"""Readers of public chest X-ray data sets, one small module each.

Every module reads the files of one data set as they are published and yields records
(record.py), with its own labels mapped to the fourteen CheXpert names in a table of the
module. writing.py turns records into a manifest for training.
"""
