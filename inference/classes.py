"""The seven classes of HAM10000, and the kinds of photo that lesions are seen on.

Source: Tschandl, Rosendahl, Kittler 2018, doi:10.1038/sdata.2018.161; the names of the kinds are the ISIC Archive's.
"""

from enum import StrEnum


class LesionClass(StrEnum):
    """A diagnostic category of HAM10000; the value is the data set's own code."""

    AKIEC = "akiec"  # actinic keratosis and Bowen's disease (intraepithelial carcinoma)
    BCC = "bcc"  # basal cell carcinoma
    BKL = "bkl"  # benign keratosis: solar lentigo, seborrhoeic and lichen-planus-like keratosis
    DF = "df"  # dermatofibroma
    MEL = "mel"  # melanoma
    NV = "nv"  # melanocytic nevus
    VASC = "vasc"  # vascular lesion: angioma, angiokeratoma, pyogenic granuloma, haemorrhage

    @property
    def is_malignant(self) -> bool:
        """Whether the class is malignant or on the way to it."""
        return self in {LesionClass.MEL, LesionClass.BCC, LesionClass.AKIEC}


class ImageType(StrEnum):
    """How a photo was taken."""

    DERMOSCOPIC = "dermoscopic"  # through a dermatoscope
    CLINICAL = "clinical"  # with a phone or another camera
