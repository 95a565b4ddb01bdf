"""The demonstration: a brand that does not exist, the day that goes wrong for it, and real feeds that tell it.

Saltfern (盐蕨), its products, places, people and papers are made up in both languages.
"""
