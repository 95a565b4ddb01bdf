"""The network, how it is loaded, and how posts become readings: with training, the only home of torch."""
