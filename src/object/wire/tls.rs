//! TLS settings of a client.

use serde::Deserialize;

use super::{Flag, List};
use crate::object::Text;

/// TLS settings of a client. A misspelt field is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Tls {
    /// `DISABLE` (also when empty, S63), `SIMPLE`, `MUTUAL` or `ISTIO_MUTUAL`.
    pub mode: Text,
    /// File of the client's certificate.
    pub client_certificate: Text,
    /// File of its key.
    pub private_key: Text,
    /// File of the authorities that verify the server.
    pub ca_certificates: Text,
    /// Secret with all of these.
    pub credential_name: Text,
    /// Names the server may have.
    pub subject_alt_names: Option<List<Text>>,
    /// Server name to ask for.
    pub sni: Text,
    /// Whether the server is not verified at all.
    pub insecure_skip_verify: Option<Flag>,
    /// File of revoked certificates.
    pub ca_crl: Text,
}
