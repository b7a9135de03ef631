variable "flags" {
  type    = map(bool)
  default = { flow_log = true }
}

locals {
  flags = var.flags
}
