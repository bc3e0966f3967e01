//! Layers around every route.
