variable "project" {
  type    = string
  default = "bond-ai"
}

variable "nat" {
  type = bool
}
