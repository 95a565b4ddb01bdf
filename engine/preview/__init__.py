"""What a query would bring, before anybody watches it."""
