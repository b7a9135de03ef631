bucket = "bond-state"
key    = "prod/network.tfstate"
region = "us-west-2"
