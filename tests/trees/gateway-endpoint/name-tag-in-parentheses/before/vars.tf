variable "project" {
  type = string
}

locals {
  subnets = ["subnet-a", "subnet-b", "subnet-c"]
}
