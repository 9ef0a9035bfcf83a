package files

warn contains msg if {
	startswith(data.conftest.file.name, "job")
	input.kind != "Job"
	msg := sprintf("%s holds a %s", [data.conftest.file.name, input.kind])
}
