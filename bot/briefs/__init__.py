"""A few sentences about an incident, each resting on named posts."""
