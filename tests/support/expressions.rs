//! Random Terraform expressions, most of them with a value.

use std::collections::BTreeMap;

use hcl::Value;

/// The names of the locals. The first letter is the type: text, list, map, boolean, number.
pub const LOCALS: &[&str] =
    &["t0", "t1", "t2", "t3", "l0", "l1", "l2", "l3", "m0", "m1", "m2", "b0", "b1", "n0", "n1"];

/// Pseudo-random numbers from a seed.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // xorshift64*
        self.0 = self.0.max(1);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(self.below(texts.len() as u64)).unwrap()]
    }

    /// An expression of a type, with up to `depth` levels.
    fn of(&mut self, kind: char, depth: u32) -> String {
        // Sometimes another type, so that errors occur.
        let kind = if self.below(25) == 0 { self.pick(&["t", "l", "m", "b", "n"]) } else { "" }
            .chars()
            .next()
            .unwrap_or(kind);
        match (depth, kind) {
            (0, _) => self.leaf(kind),
            (_, 't') => self.text(depth - 1),
            (_, 'l') => self.list(depth - 1),
            (_, 'm') => self.map(depth - 1),
            (_, 'b') => self.truth(depth - 1),
            _ => self.number(depth - 1),
        }
    }

    fn leaf(&mut self, kind: char) -> String {
        match kind {
            't' => self.pick(&[
                "\"a\"",
                "\"\"",
                "\"B-c\"",
                "\" x\\n\"",
                "\"$${y}\"",
                "\"é\\\"\"",
                "var.text",
                "local.t0",
                "local.t1",
                "local.t2",
                "local.t3",
                "local.m0.a",
                "local.l0[0]",
                "var.absent",
                "null",
            ]),
            'l' => self.pick(&[
                "[]",
                "[\"a\", \"b\"]",
                "[1, 2, 1]",
                "[[\"x\"], []]",
                "var.list",
                "local.l0",
                "local.l1",
                "local.l2",
                "local.l3",
                "aws_subnet.a[*].id",
            ]),
            'm' => self.pick(&[
                "{}",
                "{ a = \"1\", b = \"2\" }",
                "{ z = 1, (\"a\") = 2 }",
                "var.map",
                "local.m0",
                "local.m1",
                "local.m2",
            ]),
            'b' => self.pick(&["true", "false", "var.on", "local.b0", "local.b1"]),
            _ => self.pick(&["0", "1", "2.5", "-3", "var.number", "local.n0", "local.n1"]),
        }
        .to_owned()
    }

    /// Expressions of these types in the places of a pattern.
    fn fill(&mut self, pattern: &str, depth: u32) -> String {
        let mut out = String::new();
        let mut rest = pattern.chars();
        while let Some(c) = rest.next() {
            match c {
                '@' => {
                    let kind = rest.next().unwrap_or('t');
                    out.push_str(&self.of(kind, depth));
                }
                c => out.push(c),
            }
        }
        out
    }

    fn text(&mut self, depth: u32) -> String {
        let pattern = self.pick(&[
            "\"p-${@t}-${@n}\"",
            "\"${@t}\"",
            "\"${ ~@t~ } x\"",
            "\"%{ if @b }y${@t}%{ else }z%{ endif }\"",
            "\"a  %{~ for v in @l ~}  ${v},  %{~ endfor ~}  b\"",
            "\"%{ for k, v in @m }${k}=${v};%{ endfor }\"",
            "\"[${@l}] {${@m}}\"",
            "@b ? @t : @t",
            "(@t)",
            "join(@t, @l)",
            "lower(@t)",
            "upper(@t)",
            "trimspace(@t)",
            "replace(@t, @t, @t)",
            "format(\"%s-%d%%\", @t, @n)",
            "coalesce(@t, @t)",
            "lookup(@m, @t, @t)",
            "tostring(@n)",
            "element(@l, @n)",
            "one(@l)",
            "@l[0]",
            "@l[@n]",
            "@m.a",
            "@m[@t]",
        ]);
        self.fill(&pattern.replace("${ ~", "${~ ").replace("~ }", " ~}"), depth)
    }

    fn list(&mut self, depth: u32) -> String {
        let pattern = self.pick(&[
            "[@t, @t]",
            "[@l, @t, @n]",
            "[for v in @l : v]",
            "[for v in @l : @t]",
            "[for k, v in @m : \"${k}-${v}\"]",
            "[for i, v in @l : [i, v] if v != @t]",
            "[for v in [for v in @l : [v, v]] : v[1]]",
            "@b ? @l : @l",
            "concat(@l, @l)",
            "concat([@l, @l]...)",
            "compact(@l)",
            "distinct(@l)",
            "flatten(@l)",
            "keys(@m)",
            "values(@m)",
            "sort(@l)",
            "split(@t, @t)",
            "tolist(@l)",
            "toset(@l)",
            "[@m, @m][*].a",
            "[@m].*.a",
            "[@l, @l][*][0]",
            "@t[*]",
        ]);
        self.fill(pattern, depth)
    }

    fn map(&mut self, depth: u32) -> String {
        let pattern = self.pick(&[
            "{ a = @t, b = @l }",
            "{ \"c\" = @t, (@t) = @n, a : @b }",
            "merge(@m, @m)",
            "merge([@m, @m]...)",
            "{ for v in @l : v => @t }",
            "{ for i, v in @l : i => v if @b }",
            "{ for v in @l : @t => v... }",
            "{ for k, v in @m : v => k }",
            "@b ? @m : @m",
            "[@m, @m][1]",
        ]);
        self.fill(pattern, depth)
    }

    fn truth(&mut self, depth: u32) -> String {
        let pattern = self.pick(&[
            "@t == @t",
            "@l != @l",
            "@m == @m",
            "@n < @n",
            "@n >= @n",
            "@n <= @n",
            "@n > @n",
            "@b && @b",
            "@b || @b",
            "!@b",
            "contains(@l, @t)",
        ]);
        format!("({})", self.fill(pattern, depth))
    }

    fn number(&mut self, depth: u32) -> String {
        let pattern = self.pick(&["length(@l)", "length(@m)", "length(@t)", "@b ? @n : @n"]);
        self.fill(&format!("({pattern})"), depth)
    }

    /// The expressions of the locals, by name.
    pub fn locals(&mut self) -> BTreeMap<String, String> {
        let depth = u32::try_from(1 + self.below(3)).unwrap();
        LOCALS
            .iter()
            .map(|name| {
                let heredoc = self.below(12) == 0;
                let text = if heredoc {
                    let template = "  x ${@t}\n    %{ if @b ~}\n  y\n %{ endif }\n  z\n  E";
                    format!("<<-E\n{}", self.fill(template, 1))
                } else {
                    self.of(name.chars().next().unwrap(), depth)
                };
                ((*name).to_owned(), text)
            })
            .collect()
    }
}

/// The variables that the expressions use.
pub fn variables() -> BTreeMap<String, Value> {
    let map: Value = [("a", "1"), ("k", "v")].into_iter().collect();
    [
        ("text", Value::from("dev")),
        ("list", Value::from(vec!["b", "a", "b"])),
        ("map", map),
        ("on", Value::from(true)),
        ("number", Value::from(2)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A root module with these locals. `region_of` of the resource with the name of a local is its text.
pub fn configuration(locals: &BTreeMap<String, String>) -> String {
    let mut text = String::from(
        "variable \"text\" {\n  default = \"dev\"\n}\nvariable \"list\" {\n  default = [\"b\", \"a\", \"b\"]\n}\n\
         variable \"map\" {\n  default = { a = \"1\", k = \"v\" }\n}\nvariable \"on\" {\n  default = true\n}\n\
         variable \"number\" {\n  default = 2\n}\nlocals {\n",
    );
    text.extend(locals.iter().map(|(name, expression)| format!("  {name} = {expression}\n")));
    text.push_str("}\n");
    text.extend(locals.keys().map(|name| {
        format!(
            "provider \"aws\" {{\n  alias  = \"{name}\"\n  region = \"<${{local.{name}}}>\"\n}}\n\
             resource \"aws_vpc\" \"{name}\" {{\n  provider = aws.{name}\n}}\n"
        )
    }));
    text
}
