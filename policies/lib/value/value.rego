# METADATA
# title: Reading values of a manifest
# description: |
#   A field may hold a template token instead of a value, and a quantity may be a number or a string.
#   What cannot be read is undefined here, never 0: a rule that asks for it stays quiet.
package karlint.lib.value

# A string that some tool or the kubelet fills in later: ${GPUS}, {{ .Values.gpus }}, $(GPUS), <gpus>, @gpus@.
is_unknown(x) if {
	is_string(x)
	x != trim_left(replace(replace(x, "$", ""), "{{", ""), "<@") # asked first, since an expression costs several times as much
	regex.match(`\$\{|\{\{|\$\(|^<[^<>]*>$|^@[^@]*@$|^\$[A-Za-z_]`, x)
}

is_unknown(x) if x == null

# A whole number that the manifest states, written as a number or as a string of digits.
known_int(x) := x if {
	is_number(x)
	x == floor(x)
} else := to_number(x) if {
	is_string(x)
	regex.match(`^-?(0|[1-9][0-9]*)$`, x)
}

# A string that is there, is not empty and is no template token.
str(x) := x if {
	is_string(x)
	x != ""
	x == trim_left(replace(replace(x, "$", ""), "{{", ""), "<@") # asked first, since it costs least
} else := x if {
	is_string(x)
	x != ""
	not is_unknown(x)
}

# regex.match for a value that need not be a string: regorus calls anything else an error, OPA does not.
matches(pattern, x) if {
	is_string(x)
	regex.match(pattern, x)
}

# Two names that differ by a letter that is missing, added or another one, or by two letters that changed places.
is_slip(one, other) if {
	count(one) > 2
	count(other) > 2
	_shortened(one) & _shortened(other) != set()
}

# A text, and what is left of it without one of its letters.
_shortened(text) := {text} | {concat("", array.concat(array.slice(letters, 0, i), array.slice(letters, i + 1, 1000))) |
	letters := regex.find_n(`.`, text, -1)
	some i, _ in letters
}

# What to iterate over in a manifest: the list or map itself, and nothing where it is null or something else, since
# regorus calls `some x in null` an error and OPA does not.
list(x) := x if is_array(x)

else := []

map(x) := x if is_object(x)

else := {}

# A number of things, for messages: "1 device", "2 devices".
counted(n, thing) := sprintf("%d %s", [n, thing]) if n == 1

counted(n, thing) := sprintf("%d %ss", [n, thing]) if n != 1

# Kubernetes quantity ("500m", "1.5Gi", "1e3", 2) as a plain number; undefined for what is no quantity.
quantity(x) := x if is_number(x)

quantity(x) := n if {
	is_string(x)
	some found in regex.find_all_string_submatch_n(_quantity, x, 1)
	n := _scaled(found[1], found[2])
}

_quantity := `^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?$`

# True for what the API server reads as a quantity.
is_quantity(x) if is_number(quantity(x))

_multiples := {
	"": 1, "Ki": 1024, "Mi": 1048576, "Gi": 1073741824,
	"Ti": 1099511627776, "Pi": 1125899906842624, "Ei": 1152921504606846976,
	"k": 1000, "M": 1000000, "G": 1000000000,
	"T": 1000000000000, "P": 1000000000000000, "E": 1000000000000000000,
}

_fractions := {"n": 1000000000, "u": 1000000, "m": 1000}

_scaled(digits, suffix) := _number(digits) * _multiples[suffix]

# Division, not a product with 0.001: "1000m" must be exactly 1.
_scaled(digits, suffix) := _number(digits) / _fractions[suffix]

_scaled(digits, exponent) := _number(concat("", [digits, exponent])) if regex.match(`[0-9]$`, exponent)

# JSON knows neither "+1", ".5", "1." nor leading zeros.
_number(x) := to_number(x) if {
	regex.match(`^(0|[1-9][0-9]*)$`, x)
} else := to_number(_json_digits(x))

_json_digits(x) := digits if {
	unsigned := trim_left(trim_left(x, "+-"), "0")
	whole := regex.replace(unsigned, `^($|[.eE])`, "0$1")
	digits := concat("", [_sign(x), regex.replace(whole, `\.($|[eE])`, ".0$1")])
}

_sign(x) := "-" if startswith(x, "-")

_sign(x) := "" if not startswith(x, "-")
