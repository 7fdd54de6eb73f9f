//! The simulator as a whole, through `handle`: no sockets, paused time.
