bucket = "bond-state"
key    = "dev/network.tfstate"
region = "us-west-2"
