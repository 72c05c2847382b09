"""What the programs of this folder share: they differ in the server, not in how it is tested."""
