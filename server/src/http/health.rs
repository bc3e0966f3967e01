//! Liveness and readiness. No detail leaves: a caller learns only whether to send traffic here.
