"""Evidence as it is shown: views of it, the tables that text and page share, charts."""
