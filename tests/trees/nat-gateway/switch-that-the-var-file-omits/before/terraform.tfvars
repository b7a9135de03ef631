network = {
  name     = "bond"
  flow_log = true
}
