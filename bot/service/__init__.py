"""Turns I/O into turns and effects into I/O. Blind to SQL, to HTTP and to any one provider."""
