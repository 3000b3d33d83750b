"""Text read into typed values; nothing here knows a metric."""
