package karlint.lib.value_test

import data.karlint.lib.value

test_quantities if {
	every text, number in {
		"1": 1, "0": 0, "+2": 2, "-1": -1, "007": 7, "0.5": 0.5, ".5": 0.5, "1.": 1,
		"500m": 0.5, "1000m": 1, "100u": 0.0001, "2k": 2000, "1e3": 1000, "1E2": 100, "5E": 5000000000000000000,
		"1Ki": 1024, "1.5Gi": 1610612736, "-1Mi": -1048576, "+.5k": 500,
	} {
		value.quantity(text) == number
	}
}

test_numbers_are_quantities if {
	value.quantity(2) == 2
	value.quantity(0.5) == 0.5
}

test_no_quantity if {
	every text in ["", "half", "1 Gi", "Gi", "1GiB", "${GPUS}", "{{ n }}", ".", "1ee3", null, true, [], {}] {
		not value.is_quantity(text)
	}
}

test_known_int if {
	value.known_int(8) == 8
	value.known_int("8") == 8
	value.known_int("-1") == -1
	value.known_int("0") == 0
	not value.known_int("08")
	not value.known_int(1.5)
	not value.known_int("1.5")
	not value.known_int("${N}")
	not value.known_int(null)
	not value.known_int("auto")
}

test_unknown if {
	every text in ["${GPUS}", "gpu-${N}", "{{ .Values.n }}", "$(GPUS)", "<gpus>", "@gpus@", "$GPUS", null] {
		value.is_unknown(text)
	}
	every text in ["gpu", "", "a<b", "10$", 3, false] {
		not value.is_unknown(text)
	}
}

test_str if {
	value.str("gpu") == "gpu"
	not value.str("")
	not value.str("${X}")
	not value.str(3)
}

test_matches if {
	value.matches("^gpu", "gpu-1")
	not value.matches("^gpu", "a gpu")
	every x in [null, 3, true, [], {}] {
		not value.matches(".*", x)
	}
}

test_collections if {
	value.list([1]) == [1]
	value.map({"a": 1}) == {"a": 1}
	every x in [null, "text", 3, {}] {
		value.list(x) == []
	}
	every x in [null, "text", 3, []] {
		value.map(x) == {}
	}
}

test_counted if {
	value.counted(1, "device") == "1 device"
	value.counted(0, "device") == "0 devices"
	value.counted(8, "device") == "8 devices"
}
