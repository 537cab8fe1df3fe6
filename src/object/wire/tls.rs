//! TLS settings of a client.

use serde::Deserialize;

use super::{Flag, List};
use crate::object::Text;

/// TLS settings of a client. Unknown fields are rejected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls {
    /// `DISABLE` (also when empty, S63), `SIMPLE`, `MUTUAL` or `ISTIO_MUTUAL`.
    pub mode: Text,
    /// File with the client's certificate.
    pub client_certificate: Text,
    /// File with the client's key.
    pub private_key: Text,
    /// File with the CAs that verify the server.
    pub ca_certificates: Text,
    /// Secret that contains all of these.
    pub credential_name: Text,
    /// Accepted names in the server's certificate.
    pub subject_alt_names: Option<List<Text>>,
    /// SNI to send.
    pub sni: Text,
    /// Whether the server's certificate is not verified.
    pub insecure_skip_verify: Option<Flag>,
    /// File with the certificate revocation list.
    pub ca_crl: Text,
}
