terraform {
  source = "../../../modules//api"
}

dependencies {
  paths = ["../network"]
}

inputs = {
  network_name = get_env("NETWORK_NAME")
}
