//! Labels and annotations.

use std::{fmt, sync::Arc};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::Text;

/// A map of labels, sorted by key; copies share memory. `None` if and only if it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Option<Arc<Vec<(Text, Text)>>>);

impl Labels {
    /// The value of a label.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let pairs = self.pairs();
        let at = pairs.binary_search_by(|(k, _)| k.as_str().cmp(key)).ok()?;
        Some(pairs[at].1.as_str())
    }

    /// Whether the label has exactly this value.
    #[must_use]
    pub fn has(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    /// Whether every one of these labels is in `other` with the same value.
    #[must_use]
    pub fn selects(&self, other: &Self) -> bool {
        self.pairs().iter().all(|(k, v)| other.has(k, v))
    }

    /// Sets a label.
    pub fn set(&mut self, key: &str, value: impl Into<Text>) {
        let pairs = Arc::make_mut(self.0.get_or_insert_default());
        match pairs.binary_search_by(|(k, _)| k.as_str().cmp(key)) {
            Ok(at) => pairs[at].1 = value.into(),
            Err(at) => pairs.insert(at, (key.into(), value.into())),
        }
    }

    /// Frees the spare capacity.
    pub fn shrink_to_fit(&mut self) {
        if let Some(pairs) = self.0.as_mut().and_then(Arc::get_mut) {
            pairs.shrink_to_fit();
        }
    }

    fn pairs(&self) -> &[(Text, Text)] {
        self.0.as_ref().map_or(&[], |pairs| pairs.as_slice())
    }

    /// Keys and values, sorted by key.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Text)> + Clone {
        self.pairs().iter().map(|(k, v)| (k, v))
    }

    /// Whether there are no labels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs().len()
    }
}

impl<K: Into<Text>, V: Into<Text>> FromIterator<(K, V)> for Labels {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut pairs: Vec<(Text, Text)> = pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        // Stable, so that the last value of a repeated key wins, as in a map.
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        pairs.reverse();
        pairs.dedup_by(|(later, _), (kept, _)| later == kept);
        pairs.reverse();
        Self((!pairs.is_empty()).then(|| Arc::new(pairs)))
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (key, value)) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(LabelsVisitor(|_| true))
    }
}

/// Whether this tool reads an annotation: Istio's, Prometheus's, its own, the class of an Ingress, and how nginx calls its backends. The rest (above all the last
/// applied configuration) would only use memory.
#[must_use]
pub fn is_relevant_annotation(key: &str) -> bool {
    key.contains("istio.io/")
        || key.starts_with("prometheus")
        || key.starts_with("mtls.kubectl.dev/")
        || key == "kubernetes.io/ingress.class"
        || matches!(key, "nginx.ingress.kubernetes.io/service-upstream" | "nginx.ingress.kubernetes.io/upstream-vhost")
}

/// Decodes annotations and keeps those that [`is_relevant_annotation`].
pub(super) fn annotations<'de, D: Deserializer<'de>>(from: D) -> Result<Labels, D::Error> {
    from.deserialize_any(LabelsVisitor(is_relevant_annotation))
}

struct LabelsVisitor(fn(&str) -> bool);

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_unit<E>(self) -> Result<Labels, E> {
        Ok(Labels::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or_default());
        while let Some(key) = map.next_key::<String>()? {
            let value: Text = map.next_value()?;
            if (self.0)(&key) {
                pairs.push((key, value));
            }
        }
        Ok(pairs.into_iter().collect())
    }
}
