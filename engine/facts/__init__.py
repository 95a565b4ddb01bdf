"""What is newly known of a topic: who is hurt, who steps in, what the organisation says, how far it is told."""
