variable "project" {
  type    = string
  default = "bond-ai"
}

variable "env" {
  type    = string
  default = "dev"
}
