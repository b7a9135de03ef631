variable "project" {
  type    = string
  default = "bond-ai"
}
