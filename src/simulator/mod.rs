//! A Density API that runs anywhere.
