//! `demo`: the whole way on an example plant.
