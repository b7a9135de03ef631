terraform {
  source = "../../../modules//network"
}

inputs = {
  name = get_env("NETWORK_NAME")
}
